#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/failure.hpp"

namespace tollgate::exchange {

/// A 400 that the client can mend.
model::Failure invalid_request(std::string message);

/// A 413: the body is larger than limits::kBodyBytesMax.
model::Failure too_large();

/// A 502 about an upstream that did not keep its part: "TARGET <what>."
model::Failure upstream_fault(std::string_view target, std::string_view what);

/// A transport failure (tg_failure) as the client is told it.
model::Failure transport_failure(int32_t failure, std::string_view target, bool answer_begun);
/// The same for the record: a few words, with the driver's own.
std::string transport_reason(int32_t failure, std::string_view detail);
/// False where nothing can have reached the upstream.
bool may_have_been_billed(int32_t failure);

/// Our own credential was refused: 502, since the client cannot mend it.
model::Failure credential_refused(std::string_view target, uint32_t status);

/// A deadline of ours: 504.
model::Failure timed_out(std::string_view target, std::string_view what);

/// Status codes of an upstream after which another target may be tried.
bool can_fall_back(uint32_t status);

}  // namespace tollgate::exchange
