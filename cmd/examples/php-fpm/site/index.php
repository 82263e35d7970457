<?php
// Every path that is no file comes here; what is asked for says what is shown.
switch (strtok($_SERVER['REQUEST_URI'], '?')) {
case '/':
    echo 'Hello ', htmlspecialchars($_GET['name'] ?? 'world'), ", this is PHP ", PHP_MAJOR_VERSION, ".\n";
    break;
case '/count':
    session_start();
    $_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;
    echo $_SESSION['visits'], "\n";
    break;
case '/upload':
    header('Content-Type: application/json');
    $file = $_FILES['file']['tmp_name'];
    echo json_encode(['size' => filesize($file), 'sha256' => hash_file('sha256', $file), 'text' => $_POST['text'] ?? null]);
    break;
case '/stream':
    header('Content-Type: text/plain');
    header('X-Accel-Buffering: no');
    for ($i = 1; $i <= 5; $i++) {
        echo "piece $i\n";
        @ob_flush();
        flush();
        usleep(200000);
    }
    break;
case '/fail':
    throw new RuntimeException('this page always fails');
default:
    http_response_code(404);
    echo "There is no such page.\n";
}
