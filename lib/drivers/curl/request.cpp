#include "drivers/curl/request.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <new>
#include <utility>

#include "drivers/curl/host.hpp"

namespace tollgate::curl_driver {
namespace {

/// libcurl sends a body of less than 64 KB together with its head when it lies in one piece.
constexpr uint64_t kCopiedBodyMax = 64 * 1024 - 1;
constexpr size_t kHeaderBytesMax = 256 * 1024;
constexpr size_t kUrlBytesMax = 16 * 1024;

/// Memory of copied bodies, kept for the next ones. A copy lives for a moment, and what is
/// allocated beside it may belong to a stream of hours: from the heap, each copy would leave a hole
/// there.
class Copies {
 public:
  std::string take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return {};
    std::string copy = std::move(idle_.back());
    idle_.pop_back();
    return copy;
  }

  void give(std::string copy) noexcept {
    copy.clear();
    const std::lock_guard lock(mutex_);
    if (idle_.size() >= kIdleMax) return;
    try {
      idle_.push_back(std::move(copy));
    } catch (const std::bad_alloc&) {
      return;
    }
  }

 private:
  static constexpr size_t kIdleMax = 16;

  std::mutex mutex_;
  std::vector<std::string> idle_;
};

/// Of the whole process, and never freed: threads may still use it while the process ends.
Copies& copies() {
  static Copies* const kept = new Copies;
  return *kept;
}

bool equals_lower(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
  });
}

/// Headers about the connection and the framing belong to whoever makes the connection.
bool is_ours(std::string_view name) {
  constexpr std::string_view kOurs[] = {
      "content-length", "transfer-encoding", "connection",      "keep-alive", "expect", "te",
      "trailer",        "upgrade",           "proxy-connection"};
  return std::any_of(std::begin(kOurs), std::end(kOurs),
                     [&](std::string_view ours) { return equals_lower(name, ours); });
}

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || kMarks.find(c) != std::string_view::npos;
  });
}

bool breaks_lines(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

}  // namespace

std::string_view Request::apply(CURL* easy, const tg_action& action) {
  const std::string_view url = view(action.url);
  if (url.size() > kUrlBytesMax || breaks_lines(url)) return "The URL is not usable";
  if (!is_token(view(action.method))) return "The method is not usable";
  if (const std::string_view wrong = copy_headers(action); !wrong.empty()) return wrong;
  url_ = url;
  if (curl_easy_setopt(easy, CURLOPT_URL, url_.c_str()) != CURLE_OK) throw std::bad_alloc();
  const bool tls = is_https(url);
  // Over clear text HTTP/2 would only make concurrent requests wait for each other.
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                   tls ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, header_nodes_.data());
  set_body(easy, action);
  set_method(easy, view(action.method));
  return {};
}

std::string_view Request::copy_headers(const tg_action& action) {
  header_text_.clear();
  header_nodes_.clear();
  size_t size = 64;  // For the lines of our own.
  for (uint32_t i = 0; i < action.header_count * 2; ++i)
    size += action.headers[i].size + 2;
  if (size > kHeaderBytesMax) return "The headers are too large";
  // Reserved in advance: nodes point into the text and at each other.
  header_text_.reserve(size);
  header_nodes_.reserve(action.header_count + 3U);
  bool accept = false;
  bool content_type = false;
  for (uint32_t i = 0; i < action.header_count; ++i) {
    const std::string_view name = view(action.headers[2 * i]);
    const std::string_view value = view(action.headers[2 * i + 1]);
    if (!is_token(name)) return "A header name is not usable";
    if (breaks_lines(value)) return "A header value is not usable";
    if (is_ours(name)) continue;
    accept = accept || equals_lower(name, "accept");
    content_type = content_type || equals_lower(name, "content-type");
    add_line(name, value);
  }
  // A name without a value takes away the line that libcurl would add by itself. Waiting for "100
  // Continue" costs a second with a server that does not know it.
  const auto remove = [this](const char* line) {
    header_nodes_.push_back({const_cast<char*>(line), nullptr});
  };
  remove("Expect:");
  if (!accept) remove("Accept:");
  if (!content_type) remove("Content-Type:");
  for (size_t i = 0; i + 1 < header_nodes_.size(); ++i) {
    header_nodes_[i].next = &header_nodes_[i + 1];
  }
  return {};
}

void Request::add_line(std::string_view name, std::string_view value) {
  char* line = header_text_.data() + header_text_.size();
  header_text_ += name;
  if (value.find_first_not_of(" \t") == std::string_view::npos) {
    header_text_ += ';';  // libcurl's way to say that the value is empty.
  } else {
    header_text_ += ':';
    header_text_ += ' ';
    header_text_ += value;
  }
  header_text_ += '\0';
  header_nodes_.push_back({line, nullptr});
}

void Request::set_method(CURL* easy, std::string_view method) {
  // set_body() has left the handle at GET or POST.
  const bool plain = body_size_ > 0 ? method == "POST" : method == "GET";
  if (method == "HEAD" && body_size_ == 0) {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else if (method == "POST" && body_size_ == 0) {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
  } else if (!plain) {
    method_ = method;
    custom_method_ = true;
    if (curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method_.c_str()) != CURLE_OK) {
      throw std::bad_alloc();
    }
  }
}

void Request::set_body(CURL* easy, const tg_action& action) {
  spans_ = action.body_spans;
  span_count_ = action.body_span_count;
  span_ = 0;
  span_offset_ = 0;
  body_size_ = 0;
  for (uint32_t i = 0; i < span_count_; ++i)
    body_size_ += spans_[i].size;
  if (body_size_ == 0) {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t{0});
    return;
  }
  const void* whole = nullptr;
  if (span_count_ == 1) {
    whole = spans_[0].data;
  } else if (body_size_ <= kCopiedBodyMax) {
    copy_ = copies().take();
    copy_.reserve(body_size_);
    for (uint32_t i = 0; i < span_count_; ++i)
      copy_ += view(spans_[i]);
    whole = copy_.data();
  }
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, whole);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_size_));
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, &Request::read);
  curl_easy_setopt(easy, CURLOPT_READDATA, this);
  curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, &Request::seek);
  curl_easy_setopt(easy, CURLOPT_SEEKDATA, this);
}

size_t Request::read(char* buffer, size_t size, size_t count, void* user) {
  auto* self = static_cast<Request*>(user);
  const size_t room = size * count;
  size_t filled = 0;
  while (filled < room && self->span_ < self->span_count_) {
    const tg_bytes& span = self->spans_[self->span_];
    const size_t piece = std::min(span.size - self->span_offset_, room - filled);
    if (piece > 0) std::memcpy(buffer + filled, span.data + self->span_offset_, piece);
    filled += piece;
    self->span_offset_ += piece;
    if (self->span_offset_ == span.size) {
      ++self->span_;
      self->span_offset_ = 0;
    }
  }
  return filled;
}

int Request::seek(void* user, curl_off_t offset, int origin) {
  auto* self = static_cast<Request*>(user);
  if (origin != SEEK_SET || offset < 0) return CURL_SEEKFUNC_CANTSEEK;
  auto left = static_cast<uint64_t>(offset);
  if (left > self->body_size_) return CURL_SEEKFUNC_FAIL;
  uint32_t span = 0;
  while (span < self->span_count_ && left >= self->spans_[span].size) {
    left -= self->spans_[span].size;
    ++span;
  }
  self->span_ = span;
  self->span_offset_ = static_cast<size_t>(left);
  return CURL_SEEKFUNC_OK;
}

void Request::drop_copy() {
  if (!copy_.empty()) copies().give(std::exchange(copy_, {}));
}

void Request::clear(CURL* easy) {
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, nullptr);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, nullptr);
  if (custom_method_) curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, nullptr);
  custom_method_ = false;
  spans_ = nullptr;
  span_count_ = 0;
  drop_copy();
}

}  // namespace tollgate::curl_driver
