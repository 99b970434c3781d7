//! The trails: what is found of what a superuser did past all rules, and what is written down of
//! those who were refused or who read what is another's.

mod entries;
mod tampering;
mod witness;
