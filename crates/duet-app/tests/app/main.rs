//! The application against the stand-in Google: signing in, switches, blocks, and the promise that
//! what is not known is never free.

mod blocks;
mod machine;
mod signin;
mod unknown;
