//! Tests of the lake as the other rooms use it, on temporary folders.

mod bucket;
mod commit;
mod evaluate;
mod odd_names;
mod read_back;
mod shared_cases;
mod support;
mod throughput;
