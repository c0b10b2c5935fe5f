"""What the suites share: a real server process, a client for its REST API, tracking calls, a mail server that records."""
