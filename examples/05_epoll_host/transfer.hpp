#pragma once

// One attempt at an upstream, through libcurl's multi interface.

#include <algorithm>
#include <arpa/inet.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connection.hpp"

namespace epoll_host {

constexpr size_t kIdleHandlesMax = 64;
/// Of libcurl's buffer for what it receives, which a stream keeps as long as it lives. Events are
/// small; a long answer in one piece takes a few more reads.
constexpr long kReceiveBytes = 4096;

/// One attempt at an upstream: an UPSTREAM_OPEN on its way through libcurl.
struct Transfer {
  Host& host;
  Connection* connection;  ///< Null when the exchange is not interested any more.
  uint32_t attempt;
  CURL* easy;
  uint64_t body_size;
  std::string body;  ///< Several spans put together: libcurl then sends head and body at once.
  curl_slist* fields = nullptr;
  bool sent = false;

  Transfer(Connection& client, const tg_action& open)
      : host(client.host),
        connection(&client),
        attempt(open.upstream),
        easy(take_handle()),
        body_size(open.body_size) {
    std::string line;
    for (uint32_t i = 0; i < open.header_count; ++i) {
      const std::string_view value = to_view(open.headers[2 * i + 1]);
      line = to_view(open.headers[2 * i]);
      if (!is_framing(line)) add_field(line.append(value.empty() ? ";" : ": ").append(value));
    }
    add_field("Expect:");  // Waiting for "100 Continue" costs a second where it is not known.
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fields);
    set_text(CURLOPT_URL, open.url);
    set_text(CURLOPT_CUSTOMREQUEST, open.method);
    if (body_size > 0) set_body(open);
    if (open.ca_file.size > 0) set_text(CURLOPT_CAINFO, open.ca_file);
    if (open.client_cert_file.size > 0) set_text(CURLOPT_SSLCERT, open.client_cert_file);
    if (open.client_key_file.size > 0) set_text(CURLOPT_SSLKEY, open.client_key_file);
    set_text(CURLOPT_PROXY, open.proxy);  // Empty: none, whatever the environment says.
    const bool verified = (open.flags & TG_FLAG_TLS_UNVERIFIED) == 0;
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, verified ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, verified ? 2L : 0L);
    if ((open.flags & TG_FLAG_DENY_PRIVATE) != 0) {
      curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_public);
    }
    curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  }

  ~Transfer() {
    curl_multi_remove_handle(host.multi, easy);
    curl_slist_free_all(fields);
    curl_easy_reset(easy);  // Connections belong to the multi handle and stay.
    host.idle_handles.push_back(easy);
    if (host.idle_handles.size() <= kIdleHandlesMax) return;
    curl_easy_cleanup(easy);
    host.idle_handles.pop_back();
  }

  CURL* take_handle() const {
    CURL* handle = host.idle_handles.empty() ? curl_easy_init() : host.idle_handles.back();
    if (!host.idle_handles.empty()) host.idle_handles.pop_back();
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_BUFFERSIZE, kReceiveBytes);
    curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    // With a directory of certificates set, libcurl reads them all for every connection.
    curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
    return handle;
  }

  void add_field(const std::string& line) { fields = curl_slist_append(fields, line.c_str()); }
  void set_text(CURLoption option, tg_bytes text) const {
    curl_easy_setopt(easy, option, std::string(to_view(text)).c_str());
  }

  void set_body(const tg_action& open) {
    const uint8_t* whole = open.body_spans[0].data;  // Valid until the attempt has ended.
    if (open.body_span_count > 1) {
      body.reserve(static_cast<size_t>(body_size));
      for (uint32_t i = 0; i < open.body_span_count; ++i)
        body += to_view(open.body_spans[i]);
      whole = to_bytes(body).data;
    }
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, whole);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_size));
  }

  /// TG_FLAG_DENY_PRIVATE: the address counts, after the name was resolved. A short list; the
  /// libcurl driver of this project has the whole one.
  static curl_socket_t open_public(void*, curlsocktype, curl_sockaddr* address) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address->addr);
    const uint32_t ip = address->family == AF_INET ? ntohl(v4->sin_addr.s_addr) : 0;
    const bool open = ip >> 24 != 0 && ip >> 24 != 10 && ip >> 24 != 127 && ip >> 28 != 14 &&
                      ip >> 20 != 0xAC1 && ip >> 16 != 0xC0A8 && ip >> 16 != 0xA9FE;
    return open ? socket(address->family, address->socktype, address->protocol) : CURL_SOCKET_BAD;
  }

  static size_t on_header(char* data, size_t size, size_t count, void* user) {
    auto& self = *static_cast<Transfer*>(user);
    if (self.connection == nullptr) return 0;
    if (trim({data, size * count}).empty()) self.feed_head();
    return size * count;
  }

  void feed_head() {
    long status = 0;
    curl_off_t uploaded = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
    if (status < 200) return;  // The true head is still to come.
    if (static_cast<uint64_t>(uploaded) >= body_size && !std::exchange(sent, true)) {
      // The whole body has gone out: neither we nor the library need to keep it.
      std::string().swap(body);
      tg_exchange_upstream_sent(connection->exchange, attempt, now(), nullptr);
    }
    std::vector<tg_bytes> pairs;
    for (curl_header* field = nullptr;
         (field = curl_easy_nextheader(easy, CURLH_HEADER, -1, field));) {
      pairs.push_back(to_bytes(field->name));
      pairs.push_back(to_bytes(field->value));
    }
    const auto pair_count = static_cast<uint32_t>(std::min(pairs.size() / 2, kHeaderPairsMax));
    tg_exchange_upstream_head(connection->exchange, attempt, static_cast<uint32_t>(status),
                              pairs.data(), pair_count, now(), nullptr);
    connection->pump();
  }

  static size_t on_body(char* data, size_t size, size_t count, void* user) {
    auto& self = *static_cast<Transfer*>(user);
    if (self.connection == nullptr) return 0;
    if (self.connection->blocked) return CURL_WRITEFUNC_PAUSE;
    tg_exchange_upstream_body(self.connection->exchange, self.attempt,
                              to_bytes({data, size * count}), now(), nullptr);
    self.connection->pump();
    return size * count;
  }

  /// libcurl has finished with it.
  void finish(CURLcode code) {
    if (connection == nullptr) return;  // Cancelled; it goes by itself.
    Connection& client = *connection;
    const uint32_t number = attempt;
    client.transfer = nullptr;
    delete this;
    if (code == CURLE_OK) {
      tg_exchange_upstream_end(client.exchange, number, now(), nullptr);
    } else {
      const tg_failure failure = code == CURLE_COULDNT_RESOLVE_HOST       ? TG_FAILURE_RESOLVE
                                 : code == CURLE_COULDNT_CONNECT          ? TG_FAILURE_CONNECT
                                 : code == CURLE_SSL_CONNECT_ERROR        ? TG_FAILURE_TLS
                                 : code == CURLE_PEER_FAILED_VERIFICATION ? TG_FAILURE_TLS
                                                                          : TG_FAILURE_RESET;
      tg_exchange_upstream_failed(client.exchange, number, failure,
                                  to_bytes(curl_easy_strerror(code)), now(), nullptr);
    }
    client.pump();
  }
};

inline void Connection::open_upstream(const tg_action& action) {
  transfer = new Transfer(*this, action);
  host.later.emplace_back(
      [multi = host.multi, easy = transfer->easy] { curl_multi_add_handle(multi, easy); });
}

inline void Connection::cancel_upstream() {
  if (transfer == nullptr) return;
  transfer->connection = nullptr;
  host.later.emplace_back([gone = std::exchange(transfer, nullptr)] { delete gone; });
}

inline void Connection::unblock() {
  if (exchange != nullptr) tg_exchange_client_unblocked(exchange, now(), nullptr);
  if (transfer != nullptr) {
    host.later.emplace_back([this, paused = transfer] {
      if (transfer == paused) curl_easy_pause(paused->easy, CURLPAUSE_CONT);
    });
  }
  pump();
}

}  // namespace epoll_host
