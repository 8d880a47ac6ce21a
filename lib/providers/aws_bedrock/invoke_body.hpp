#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"
#include "model/lesson.hpp"
#include "model/loss.hpp"
#include "providers/provider.hpp"

namespace tollgate::providers::aws_bedrock {

/// A body of Anthropic Messages as InvokeModel takes it: which members go, which are written anew
/// and which are added. Members that stay are not touched, so that prompt caches and signatures
/// hold.
struct InvokeWishes {
  std::string_view model_id;
  std::string_view betas;  ///< Comma list, as the client and the account gave it.
  const model::Lessons& lessons;
};

/// `body` is an object of valid JSON. kInvalid with a sentence for the client when it asks for what
/// Bedrock cannot do.
Status edit_invoke_body(const InvokeWishes& wishes, std::string_view body,
                        std::vector<MemberEdit>& edits, model::Losses& losses);

/// The same for CountTokens, which wants the whole body of InvokeModel inside a body of its own.
Status edit_count_body(const InvokeWishes& wishes, std::string_view body,
                       std::vector<MemberEdit>& edits, model::Losses& losses);

}  // namespace tollgate::providers::aws_bedrock
