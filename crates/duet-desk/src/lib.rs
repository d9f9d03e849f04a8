//! A private desktop session for tests and headless runs: X, D-Bus, keyring, tray host, notification daemon.
