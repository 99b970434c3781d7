//! The trails: what is found of what a superuser did past all rules, and what is written down of
//! those who were refused, who read what is another's, and who are shown accounts' numbers.

mod compared;
mod entries;
mod numbers;
mod records;
mod stored;
mod tampering;
mod witness;
