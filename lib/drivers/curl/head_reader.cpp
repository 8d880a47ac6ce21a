#include "drivers/curl/head_reader.hpp"

#include "drivers/curl/host.hpp"

namespace tollgate::curl_driver {
namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

HeadReader::Step HeadReader::feed(std::string_view line) {
  if (complete_) return Step::kMore;  // A trailer.
  const std::string_view text = trim(line);
  if (text.empty()) {
    if (status_ == 0) return Step::kInvalid;
    if (status_ < 200) {
      clear();
      return Step::kMore;
    }
    complete_ = true;
    return Step::kComplete;
  }
  if (text_.size() + line.size() > kHeadBytesMax) return Step::kInvalid;
  if (status_ == 0) return feed_status(text);
  if (line.front() == ' ' || line.front() == '\t') return feed_fold(text);
  return feed_field(text);
}

// "HTTP/1.1 200 OK", "HTTP/2 200".
HeadReader::Step HeadReader::feed_status(std::string_view line) {
  const size_t space = line.find(' ');
  if (!line.starts_with("HTTP/") || space == std::string_view::npos) return Step::kInvalid;
  const std::string_view code = trim(line.substr(space)).substr(0, 3);
  if (code.size() != 3) return Step::kInvalid;
  for (const char c : code) {
    if (!is_digit(c)) return Step::kInvalid;
    status_ = status_ * 10 + static_cast<uint32_t>(c - '0');
  }
  const bool known = status_ >= 100 && status_ <= 599 && status_ != 101;
  return known ? Step::kMore : Step::kInvalid;
}

HeadReader::Step HeadReader::feed_field(std::string_view line) {
  const size_t colon = line.find(':');
  // libcurl lets lines without a colon pass; they carry nothing.
  if (colon == std::string_view::npos) return Step::kMore;
  const std::string_view name = trim(line.substr(0, colon));
  if (name.empty()) return Step::kMore;
  if (spans_.size() / 2 >= kHeadPairsMax) return Step::kInvalid;
  spans_.push_back(keep(name));
  spans_.push_back(keep(trim(line.substr(colon + 1))));
  return Step::kMore;
}

HeadReader::Step HeadReader::feed_fold(std::string_view text) {
  if (spans_.empty()) return Step::kInvalid;
  Span& value = spans_.back();
  if (value.size > 0) {
    text_ += ' ';
    ++value.size;
  }
  // The last value is at the end of the text, so it can grow in place.
  text_ += text;
  value.size += text.size();
  return Step::kMore;
}

HeadReader::Span HeadReader::keep(std::string_view text) {
  const Span span{text_.size(), text.size()};
  text_ += text;
  return span;
}

const std::vector<tg_bytes>& HeadReader::pairs() {
  pairs_.clear();
  for (const Span& span : spans_) {
    pairs_.push_back(bytes(std::string_view(text_).substr(span.at, span.size)));
  }
  return pairs_;
}

void HeadReader::clear() {
  text_.clear();
  spans_.clear();
  status_ = 0;
  complete_ = false;
}

}  // namespace tollgate::curl_driver
