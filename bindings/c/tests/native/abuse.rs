//! Misuse of every function from C: a status, never a crash, and nobody admitted.
