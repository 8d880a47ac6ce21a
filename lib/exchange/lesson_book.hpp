#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/text_hash.hpp"
#include "model/lesson.hpp"

namespace tollgate::exchange {

/// What upstreams taught of their models by refusing something, kept for all exchanges. Bounded:
/// when it is full nothing more is learned. Safe from many threads.
class LessonBook {
 public:
  /// `target` is "account/model id".
  model::Lessons lessons_of(std::string_view target) const;
  /// False when it was known before (then the same refusal would come again) or there is no room.
  bool learn(std::string_view target, const model::Lesson& lesson);

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, model::Lessons, TextHash, std::equal_to<>> lessons_;
};

}  // namespace tollgate::exchange
