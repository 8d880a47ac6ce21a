#include "answer.hpp"

#include <array>
#include <charconv>
#include <ctime>

#include "bytes.hpp"
#include "json.hpp"
#include "limits.hpp"

namespace tollgate::server {

namespace {

std::string_view reason_phrase(uint32_t status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 529:
      return "Overloaded";
    default:
      return "Status";
  }
}

std::string_view error_type(uint32_t status) {
  switch (status) {
    case 408:
    case 504:
      return "timeout_error";
    case 413:
    case 431:
      return "request_too_large";
    default:
      return status < 500 ? "invalid_request_error" : "api_error";
  }
}

void append_number(std::string& out, uint64_t number, int base = 10) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  out.append(digits.data(), end);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name);
  out += ": ";
  out.append(value);
  out += "\r\n";
}

void append_status_line(std::string& out, uint32_t status) {
  out += "HTTP/1.1 ";
  append_number(out, status);
  out += ' ';
  out.append(reason_phrase(status));
  out += "\r\n";
}

/// The current second as HTTP writes it; made once a second in each thread.
std::string_view http_date() {
  thread_local std::time_t made = 0;
  thread_local std::array<char, 32> text{};
  const std::time_t seconds = std::time(nullptr);
  if (seconds != made) {
    tm parts{};
    gmtime_r(&seconds, &parts);
    std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    made = seconds;
  }
  return text.data();
}

/// Fields that belong to a connection: this server's own are sent instead of the upstream's.
bool is_framing_field(std::string_view name) {
  const auto is = [name](std::string_view other) {
    if (name.size() != other.size()) return false;
    for (size_t i = 0; i < name.size(); ++i) {
      if ((static_cast<unsigned char>(name[i]) | 0x20U) != static_cast<unsigned char>(other[i])) {
        return false;
      }
    }
    return true;
  };
  switch (name.size()) {
    case 4:
      return is("date");
    case 7:
      return is("upgrade") || is("trailer");
    case 10:
      return is("connection") || is("keep-alive");
    case 14:
      return is("content-length");
    case 17:
      return is("transfer-encoding");
    default:
      return false;
  }
}

iovec piece(std::string_view bytes) {
  // sendmsg() does not write to what it sends; its struct is shared with recvmsg().
  return {const_cast<char*>(bytes.data()), bytes.size()};
}

}  // namespace

void Answer::head(const tg_action& action) {
  if (began_) return;
  began_ = true;
  const bool no_body = action.http_status == 204 || action.http_status == 304;
  if (no_body || client_.head_only) {
    framing_ = Framing::kNone;
  } else if (action.body_size != TG_SIZE_UNKNOWN) {
    framing_ = Framing::kLength;
    length_left_ = action.body_size;
  } else {
    framing_ = client_.version_1_1 ? Framing::kChunked : Framing::kClose;
  }
  if (framing_ == Framing::kClose || (action.flags & TG_FLAG_CLOSE) != 0)
    client_.keep_alive = false;

  pending_.reserve(1024);
  append_status_line(pending_, action.http_status);
  for (uint32_t pair = 0; pair < action.header_count; ++pair) {
    const std::string_view name = to_view(action.headers[pair * 2]);
    if (!is_framing_field(name))
      append_field(pending_, name, to_view(action.headers[pair * 2 + 1]));
  }
  append_field(pending_, "date", http_date());
  if (framing_ == Framing::kChunked) {
    append_field(pending_, "transfer-encoding", "chunked");
  } else if (!no_body && action.body_size != TG_SIZE_UNKNOWN) {
    pending_ += "content-length: ";
    append_number(pending_, action.body_size);
    pending_ += "\r\n";
  }
  if (!client_.keep_alive) {
    append_field(pending_, "connection", "close");
  } else if (!client_.version_1_1) {
    append_field(pending_, "connection", "keep-alive");
  }
  pending_ += "\r\n";
}

bool Answer::body(tg_bytes bytes, bool more) {
  if (!began_ || failed_) return !failed_;
  if (framing_ == Framing::kNone || bytes.size == 0) return more || flush();
  if (framing_ == Framing::kLength) {
    if (bytes.size > length_left_) {
      failed_ = true;  // More than was announced would be taken for the next answer.
      return false;
    }
    length_left_ -= bytes.size;
  }
  if (framing_ == Framing::kChunked) {
    append_number(pending_, bytes.size, 16);
    pending_ += "\r\n";
  }
  if (!more || pending_.size() + bytes.size > limits::kPendingAnswerBytesMax) return send(bytes);
  pending_.append(to_view(bytes));
  if (framing_ == Framing::kChunked) pending_ += "\r\n";
  return true;
}

void Answer::end(bool aborted) {
  if (!began_ || failed_ || complete_) return;
  const bool cut = framing_ == Framing::kLength && length_left_ > 0;
  if (aborted || cut) {
    flush();
    failed_ = true;
    return;
  }
  if (framing_ == Framing::kChunked) pending_ += "0\r\n\r\n";
  complete_ = flush();
}

bool Answer::flush() {
  if (pending_.empty()) return true;
  failed_ = !outbox_.send(pending_);
  forget_pending();
  return !failed_;
}

bool Answer::send(tg_bytes bytes) {
  std::array<iovec, 3> pieces{};
  size_t count = 0;
  if (!pending_.empty()) pieces[count++] = piece(pending_);
  pieces[count++] = piece(to_view(bytes));
  if (framing_ == Framing::kChunked) pieces[count++] = piece("\r\n");
  failed_ = !outbox_.send(pieces.data(), count);
  forget_pending();
  return !failed_;
}

void Answer::forget_pending() {
  // A chunk's size line fits into the string itself; memory for more is not kept for an hour.
  if (pending_.capacity() > 64) {
    pending_ = std::string();
  } else {
    pending_.clear();
  }
}

std::string refusal_answer(uint32_t status, std::string_view reason, std::string_view request_id,
                           uint32_t retry_after_seconds, bool head_only) {
  std::string body = R"({"type":"error","error":{"type":")";
  body.append(error_type(status));
  body += R"(","message":)";
  append_json_string(body, reason);
  body += R"(},"request_id":)";
  append_json_string(body, request_id);
  body += "}";

  std::string answer;
  append_status_line(answer, status);
  append_field(answer, "content-type", "application/json");
  append_field(answer, "request-id", request_id);
  append_field(answer, "x-tollgate-request-id", request_id);
  append_field(answer, "x-should-retry", retry_after_seconds > 0 ? "true" : "false");
  if (retry_after_seconds > 0) {
    answer += "retry-after: ";
    append_number(answer, retry_after_seconds);
    answer += "\r\n";
  }
  append_field(answer, "date", http_date());
  answer += "content-length: ";
  append_number(answer, body.size());
  answer += "\r\nconnection: close\r\n\r\n";
  if (!head_only) answer += body;
  return answer;
}

}  // namespace tollgate::server
