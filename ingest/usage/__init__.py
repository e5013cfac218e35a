"""Usage from logs of statements: read, analysed in a child process, and handed on as figures."""
