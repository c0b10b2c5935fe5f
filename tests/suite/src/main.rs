//! Tests of the source tree itself, which the compiler and clippy cannot hold, and the conformance cases on both paths.

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod differential;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod migrations;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod tree;
#[cfg(test)]
mod warnings;
