#pragma once

#include <memory>
#include <string>

#include <curl/curl.h>

#include "tollgate/action.h"

#include "drivers/curl/failure.hpp"
#include "drivers/curl/head_reader.hpp"
#include "drivers/curl/profile.hpp"
#include "drivers/curl/request.hpp"

namespace tollgate::curl_driver {

class Transfer;

/// What to do with a transfer after its sink saw an event.
enum class Verdict : uint8_t {
  kGoOn,
  kHold,  ///< Not taken: offer the same bytes again after Transfer::resume().
  kStop   ///< The attempt is over; break the transfer off.
};

/// Receives what happens on a transfer, within libcurl's callbacks: libcurl must not be called.
class TransferSink {
 public:
  virtual ~TransferSink() = default;
  /// The request's body is in the kernel or in libcurl's buffers, down to the last byte.
  virtual void on_sent(Transfer& transfer) = 0;
  virtual Verdict on_head(Transfer& transfer, uint32_t status,
                          const std::vector<tg_bytes>& pairs) = 0;
  virtual Verdict on_body(Transfer& transfer, tg_bytes body) = 0;
  /// The multi is through with the transfer. Outside of libcurl's callbacks.
  virtual void on_finished(Transfer& transfer, CURLcode code) = 0;
};

/// Told which sockets libcurl has for connections, within its callbacks.
class SocketKeeper {
 public:
  virtual ~SocketKeeper() = default;
  /// False: there is no room for another.
  virtual bool on_open(curl_socket_t socket) noexcept = 0;
  virtual void on_close(curl_socket_t socket) noexcept = 0;
};

/// A pooled easy handle and the attempt it performs. Options that never change are set once.
class Transfer {
 public:
  /// Null when libcurl has no memory. The keeper, if any, must stay until the connections that the
  /// transfer opens are closed.
  static std::unique_ptr<Transfer> create(const Settings& settings, SocketKeeper* keeper = nullptr);

  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  /// Readies the handle for an UPSTREAM_OPEN. When the outcome has failed, nothing was begun. The
  /// sink must stay until finish().
  Outcome begin(const tg_action& action, std::shared_ptr<const Profile> profile, bool pipewait,
                TransferSink& sink);

  /// Says how the attempt ended and lets go of everything that belongs to it. After the handle has
  /// left its multi.
  Outcome finish(CURLcode code);

  /// Offers held bytes again, by a call of the sink from within this one. Anything but CURLE_OK
  /// ends the transfer, which its multi does not report then.
  CURLcode resume();

  CURL* easy() const { return easy_; }
  uint32_t attempt() const { return attempt_; }
  bool held() const { return held_; }
  TransferSink& sink() const { return *sink_; }
  static Transfer* of(CURL* easy);

 private:
  Transfer(CURL* easy, SocketKeeper* keeper) : easy_(easy), keeper_(keeper) {}

  bool set_constant_options(const Settings& settings);
  size_t take_header(std::string_view line);
  size_t take_body(std::string_view piece);
  void report_sent();

  static size_t on_header(char* data, size_t size, size_t count, void* user) noexcept;
  static size_t on_write(char* data, size_t size, size_t count, void* user) noexcept;
  static curl_socket_t on_open_socket(void* user, curlsocktype purpose,
                                      curl_sockaddr* address) noexcept;
  static int on_close_socket(void* keeper, curl_socket_t socket) noexcept;

  CURL* easy_;
  SocketKeeper* keeper_;
  std::shared_ptr<const Profile> profile_;
  Request request_;
  HeadReader head_;
  TransferSink* sink_ = nullptr;
  Outcome broken_;  ///< Why a callback of ours broke the transfer off, when it did.
  uint32_t attempt_ = 0;
  bool sent_ = false;
  bool held_ = false;
  bool denied_ = false;     ///< A private address was refused.
  bool exhausted_ = false;  ///< The process is out of descriptors or memory for a socket.
};

}  // namespace tollgate::curl_driver
