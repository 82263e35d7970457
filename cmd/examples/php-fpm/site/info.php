<?php
header('Content-Type: application/json');
echo json_encode(array_intersect_key($_SERVER, array_flip([
    'SCRIPT_NAME', 'SCRIPT_FILENAME', 'PATH_INFO', 'QUERY_STRING', 'REQUEST_METHOD', 'REQUEST_URI', 'DOCUMENT_ROOT',
    'SERVER_NAME', 'SERVER_PORT', 'HTTP_HOST', 'HTTP_PROXY', 'HTTPS', 'REMOTE_ADDR',
])));
