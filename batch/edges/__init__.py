"""The edges: mail servers, files, locks and child processes. They act and decide nothing."""
