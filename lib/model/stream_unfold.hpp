#pragma once

#include <vector>

#include "model/response.hpp"
#include "model/stream_event.hpp"

namespace tollgate::model {

/// Appends the events of the stream a whole answer could have come as: what StreamFold makes of
/// them is that answer again.
void unfold(const Response& response, std::vector<StreamEvent>& out);

}  // namespace tollgate::model
