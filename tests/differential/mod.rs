//! What the evaluation paths are held against: random populations and rules from a seed, and what rules mean, written down
//! naively and apart from both paths. `tests/suite` compares engine, SQL and naive; the engine's own test the engine while it
//! flushes, merges and restarts. `json` (for tests/suite alone) does it from the other end: data and rules as clients send them.

pub mod behaviour;
pub mod dice;
pub mod naive;
