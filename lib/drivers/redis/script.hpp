#pragma once

namespace tollgate::redis_driver {

/// Applies a batch: KEYS[1] is the prefix of all keys, ARGV[1] the batch. Gives the answer's text,
/// or an error reply for what is no batch.
extern const char* const kApplyScript;

}  // namespace tollgate::redis_driver
