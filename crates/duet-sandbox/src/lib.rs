//! A stand-in Google on loopback HTTP: OAuth and Calendar v3 with scripted faults.
