#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <curl/curl.h>

#include "tollgate/action.h"

namespace tollgate::curl_driver {

/// The request of one attempt, as options of an easy handle. The spans stay the library's own
/// memory; only a short body in several pieces is put together, since libcurl then sends head and
/// body by one call. Buffers are kept from one request to the next.
class Request {
 public:
  /// Sets the action's URL, method, headers and body. An empty text on success, else what is wrong
  /// with the request; throws std::bad_alloc.
  std::string_view apply(CURL* easy, const tg_action& action);

  /// Gives back what the library lent and the memory of the body.
  void clear(CURL* easy);

  /// Frees the copy of the body, once all of it was sent.
  void drop_copy();

  uint64_t body_size() const { return body_size_; }
  const std::string& url() const { return url_; }

 private:
  std::string_view copy_headers(const tg_action& action);
  void add_line(std::string_view name, std::string_view value);
  void set_method(CURL* easy, std::string_view method);
  void set_body(CURL* easy, const tg_action& action);

  static size_t read(char* buffer, size_t size, size_t count, void* user);
  static int seek(void* user, curl_off_t offset, int origin);

  std::string url_;
  std::string method_;
  std::string header_text_;
  std::vector<curl_slist> header_nodes_;
  std::string copy_;
  const tg_bytes* spans_ = nullptr;
  uint32_t span_count_ = 0;
  uint32_t span_ = 0;       ///< The span that is read next,
  size_t span_offset_ = 0;  ///< and from where.
  uint64_t body_size_ = 0;
  bool custom_method_ = false;
};

}  // namespace tollgate::curl_driver
