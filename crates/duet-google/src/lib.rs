//! Google over HTTP only: OAuth, calendar list, free/busy, classified errors.
