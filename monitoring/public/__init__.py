"""Pages for everybody, without a login; may run as a process and host of their own that hold no register."""
