package front_test

// differences are the requests of the corpus that are answered in another way on purpose: "GROUP/NAME: REQUEST", with the
// reason. A log is named by its file. What is here has to differ.
var differences = map[string]string{}
