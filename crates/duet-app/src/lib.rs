//! Host-free application: queries, commands, the sign-in flow.
