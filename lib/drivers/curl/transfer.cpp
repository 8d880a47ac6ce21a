#include "drivers/curl/transfer.hpp"

#include <cerrno>
#include <new>
#include <sys/socket.h>
#include <unistd.h>

#include "drivers/curl/address.hpp"
#include "drivers/curl/host.hpp"

namespace tollgate::curl_driver {
namespace {

constexpr std::string_view kPrivate = "The address is private";

// Of libcurl's buffer for what it receives, which a stream keeps as long as it lives. Events are
// small; a long answer in one piece takes a few more reads.
constexpr long kReceiveBytes = 4096;

}  // namespace

std::unique_ptr<Transfer> Transfer::create(const Settings& settings, SocketKeeper* keeper) {
  CURL* easy = curl_easy_init();
  if (easy == nullptr) return nullptr;
  std::unique_ptr<Transfer> transfer(new (std::nothrow) Transfer(easy, keeper));
  if (transfer == nullptr) {
    curl_easy_cleanup(easy);
    return nullptr;
  }
  if (!transfer->set_constant_options(settings)) return nullptr;
  return transfer;
}

Transfer::~Transfer() {
  curl_easy_cleanup(easy_);
}

Transfer* Transfer::of(CURL* easy) {
  char* self = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &self);
  return static_cast<Transfer*>(static_cast<void*>(self));
}

bool Transfer::set_constant_options(const Settings& settings) {
  CURLcode bad = CURLE_OK;
  const auto set = [&](CURLoption option, auto value) {
    if (bad == CURLE_OK) bad = curl_easy_setopt(easy_, option, value);
  };
  set(CURLOPT_PRIVATE, static_cast<void*>(this));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_NOPROGRESS, 1L);
  set(CURLOPT_BUFFERSIZE, kReceiveBytes);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_HTTP_CONTENT_DECODING, 0L);
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_TCP_NODELAY, 1L);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_CONNECTTIMEOUT_MS, settings.connect_timeout_ms);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(CURLOPT_WRITEFUNCTION, &Transfer::on_write);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_open_socket);
  set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  if (keeper_ != nullptr) {
    // These go from the handle to its connections, and outlive it there.
    set(CURLOPT_CLOSESOCKETFUNCTION, &Transfer::on_close_socket);
    set(CURLOPT_CLOSESOCKETDATA, static_cast<void*>(keeper_));
  }
  return bad == CURLE_OK;
}

Outcome Transfer::begin(const tg_action& action, std::shared_ptr<const Profile> profile,
                        bool pipewait, TransferSink& sink) {
  if (profile != profile_) {
    // The share must not be taken from a handle after the profile that owns it is gone.
    if (!profile->apply(easy_)) return Outcome::failure_of(TG_FAILURE_HOST, "Out of memory");
    profile_ = std::move(profile);
  }
  attempt_ = action.upstream;
  sink_ = &sink;
  broken_ = {};
  sent_ = held_ = denied_ = exhausted_ = false;
  head_.clear();
  const bool wait = pipewait && is_https(view(action.url));
  curl_easy_setopt(easy_, CURLOPT_PIPEWAIT, wait ? 1L : 0L);
  Outcome outcome;
  std::string_view wrong;
  try {
    wrong = request_.apply(easy_, action);
  } catch (const std::bad_alloc&) {
    outcome = outcome_of(CURLE_OUT_OF_MEMORY);
  }
  if (outcome.failed) {
    request_.clear(easy_);
    return outcome;
  }
  if (!wrong.empty()) {
    outcome = Outcome::failure_of(TG_FAILURE_OTHER, wrong);
  } else if (profile_->deny_private() && profile_->proxied() &&
             names_private_host(request_.url())) {
    outcome = Outcome::failure_of(TG_FAILURE_DENIED, kPrivate);
  }
  if (outcome.failed) request_.clear(easy_);
  return outcome;
}

Outcome Transfer::finish(CURLcode code) {
  Outcome outcome = broken_.failed ? broken_ : outcome_of(code);
  if (outcome.failed && !broken_.failed) {
    long connect_status = 0;
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_HTTP_CONNECTCODE, &connect_status);
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    if (denied_ && code == CURLE_COULDNT_CONNECT) {
      outcome = Outcome::failure_of(TG_FAILURE_DENIED, kPrivate);
    } else if (exhausted_ && code == CURLE_COULDNT_CONNECT) {
      outcome = Outcome::failure_of(TG_FAILURE_HOST, "No socket could be made");
    } else if (code == CURLE_OUT_OF_MEMORY && status != 0 && !head_.complete()) {
      // What libcurl says of a line beyond its own limit.
      outcome = Outcome::failure_of(TG_FAILURE_PROTOCOL, "A line of the answer's head is too long");
    } else if (connect_status >= 300 || (code == CURLE_COULDNT_CONNECT && profile_->proxied())) {
      outcome.failure = TG_FAILURE_PROXY;
    }
  }
  if (!outcome.failed && !head_.complete()) {
    outcome = Outcome::failure_of(TG_FAILURE_PROTOCOL, "The answer has no head");
  }
  request_.clear(easy_);
  sink_ = nullptr;
  return outcome;
}

CURLcode Transfer::resume() {
  if (!held_) return CURLE_OK;
  held_ = false;
  return curl_easy_pause(easy_, CURLPAUSE_CONT);
}

size_t Transfer::take_header(std::string_view line) {
  switch (head_.feed(line)) {
    case HeadReader::Step::kMore:
      return line.size();
    case HeadReader::Step::kInvalid:
      broken_ = Outcome::failure_of(TG_FAILURE_PROTOCOL, "The answer's head is not usable");
      return 0;
    case HeadReader::Step::kComplete:
      break;
  }
  report_sent();
  const Verdict verdict = sink_->on_head(*this, head_.status(), head_.pairs());
  return verdict == Verdict::kStop ? 0 : line.size();
}

size_t Transfer::take_body(std::string_view piece) {
  report_sent();
  switch (sink_->on_body(*this, bytes(piece))) {
    case Verdict::kGoOn:
      return piece.size();
    case Verdict::kHold:
      held_ = true;
      return CURL_WRITEFUNC_PAUSE;
    case Verdict::kStop:
      break;
  }
  return 0;
}

// Not before the answer begins: until then libcurl may send the body once more, over a fresh
// connection, when the pooled one turns out to be dead.
void Transfer::report_sent() {
  if (sent_ || request_.body_size() == 0) return;
  curl_off_t uploaded = 0;
  curl_easy_getinfo(easy_, CURLINFO_SIZE_UPLOAD_T, &uploaded);
  if (static_cast<uint64_t>(uploaded) < request_.body_size()) return;
  sent_ = true;
  request_.drop_copy();
  sink_->on_sent(*this);
}

size_t Transfer::on_header(char* data, size_t size, size_t count, void* user) noexcept {
  auto* self = static_cast<Transfer*>(user);
  try {
    return self->take_header({data, size * count});
  } catch (const std::bad_alloc&) {
    self->broken_ = Outcome::failure_of(TG_FAILURE_HOST, "Out of memory");
    return 0;
  }
}

size_t Transfer::on_write(char* data, size_t size, size_t count, void* user) noexcept {
  auto* self = static_cast<Transfer*>(user);
  try {
    return self->take_body({data, size * count});
  } catch (const std::bad_alloc&) {
    self->broken_ = Outcome::failure_of(TG_FAILURE_HOST, "Out of memory");
    return 0;
  }
}

curl_socket_t Transfer::on_open_socket(void* user, curlsocktype, curl_sockaddr* address) noexcept {
  auto* self = static_cast<Transfer*>(user);
  // Behind a proxy the socket goes to the proxy, which the configuration chose.
  if (self->profile_->deny_private() && !self->profile_->proxied() && is_private(&address->addr)) {
    self->denied_ = true;
    return CURL_SOCKET_BAD;
  }
  const int made = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (made < 0) {
    self->exhausted_ = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
  } else if (self->keeper_ != nullptr && !self->keeper_->on_open(made)) {
    self->exhausted_ = true;
    close(made);
    return CURL_SOCKET_BAD;
  }
  return made;
}

int Transfer::on_close_socket(void* keeper, curl_socket_t socket) noexcept {
  static_cast<SocketKeeper*>(keeper)->on_close(socket);
  return close(socket);
}

}  // namespace tollgate::curl_driver
