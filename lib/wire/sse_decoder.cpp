#include "wire/sse_decoder.hpp"

#include "base/find_byte.hpp"

namespace tollgate::wire {
namespace {

/// Memory a decoder keeps between events; what a rare large event needed goes back.
constexpr size_t kKeptBytes = 16 * 1024;

void empty(std::string& buffer) {
  buffer.clear();
  if (buffer.capacity() > kKeptBytes) buffer.shrink_to_fit();
}

}  // namespace

size_t SseDecoder::take_line(std::string_view bytes) {
  // The second half of a CRLF, which a split may have kept back.
  if (after_cr_ && bytes.front() == '\n') {
    after_cr_ = false;
    return 1;
  }
  after_cr_ = false;
  const size_t end = find_either(bytes, 0, '\r', '\n');
  if (exceeds(line_.size() + end)) {
    overflowed_ = true;
    return 0;
  }
  if (end == bytes.size()) {
    line_.append(bytes);
    return end;
  }
  after_cr_ = bytes[end] == '\r';
  if (line_.empty()) {
    end_line(bytes.substr(0, end));
  } else {
    line_.append(bytes.substr(0, end));
    end_line(line_);
    keep_data();  // The next line may need line_.
    empty(line_);
  }
  return end + 1;
}

void SseDecoder::end_line(std::string_view line) {
  if (at_start_) {
    at_start_ = false;
    if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  }
  if (line.empty()) {
    event_ready_ = has_data_;
    if (!has_data_) clear_event();
    return;
  }
  const size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value;
  if (colon != std::string_view::npos) value = line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  // A comment is a field without a name; id and retry are the client's business, not ours.
  if (field == "data") {
    add_data(value);
  } else if (field == "event") {
    name_ = value;
  }
}

void SseDecoder::add_data(std::string_view value) {
  if (has_data_) {
    keep_data();
    kept_data_.append(1, '\n').append(value);
    return;
  }
  has_data_ = true;
  data_is_kept_ = false;
  lent_data_ = value;
}

void SseDecoder::keep_data() {
  if (!has_data_ || data_is_kept_) return;
  kept_data_ = lent_data_;
  data_is_kept_ = true;
}

void SseDecoder::clear_event() {
  empty(name_);
  empty(kept_data_);
  lent_data_ = {};
  has_data_ = false;
  data_is_kept_ = false;
  event_ready_ = false;
}

/// Counts the line as it stands before it is understood, so that every split meets the bound at the
/// same byte.
bool SseDecoder::exceeds(size_t line_size) const {
  return name_.size() + data().size() + line_size > event_bytes_max_;
}

Status SseDecoder::too_large() const {
  return Status(Code::kLimit, "an event of the stream is larger than " +
                                  std::to_string(event_bytes_max_) + " bytes");
}

}  // namespace tollgate::wire
