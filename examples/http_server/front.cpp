#include "front.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <thread>
#include <unistd.h>

#include <httplib.h>

#include "connection.hpp"
#include "host.hpp"
#include "limits.hpp"
#include "worker_pool.hpp"

namespace tollgate::server {

namespace {

/// What a thread does with a socket it is given. cpp-httplib hands jobs over that know nothing but
/// the socket, so the thread has to know.
enum class Duty { kServe, kRefuse, kDrop };
thread_local Duty duty = Duty::kServe;

class HttpServer final : public httplib::Server {
 public:
  explicit HttpServer(Service& service) : service_(service) {
    set_tcp_nodelay(true);
    set_keep_alive_max_count(limits::kKeepAliveRequestsMax);
    set_keep_alive_timeout(limits::kKeepAliveTime.count());
    set_read_timeout(limits::kKeepAliveTime.count());
    set_write_timeout(limits::kWriteTime.count());
    // The library's default also sets SO_REUSEPORT: a second server would start on the same port
    // without an error and take half of the connections.
    set_socket_options([](socket_t fd) {
      const int on = 1;
      setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    });
  }

  /// The library listens with a backlog of 5, which makes a burst of connections wait for seconds.
  bool deepen_backlog() { return ::listen(svr_sock_, limits::kListenBacklog) == 0; }

  int duplicate_listener() const { return fcntl(svr_sock_, F_DUPFD_CLOEXEC, 0); }

  /// After the library has closed its socket because accept() failed.
  void adopt_listener(int fd) { svr_sock_ = fd; }

 private:
  bool process_and_close_socket(socket_t fd) override {
    if (duty == Duty::kDrop) {
      close(fd);
      return true;
    }
    if (duty == Duty::kRefuse) {
      Connection(service_, fd, Connection::Purpose::kRefuse).refuse();
    } else {
      Connection(service_, fd, Connection::Purpose::kServe).serve();
    }
    return true;
  }

  Service& service_;
};

/// The pool as cpp-httplib knows it. It is made anew whenever the library begins to accept; the
/// threads belong to the front.
class PoolQueue final : public httplib::TaskQueue {
 public:
  PoolQueue(Service& service, WorkerPool& workers, WorkerPool& refusers)
      : service_(service), workers_(workers), refusers_(refusers) {}

  void enqueue(std::function<void()> job) override {
    if (workers_.submit(job)) return;
    // A connection that only waits for its next request gives its thread to one that has some.
    if (service_.connections->dismiss_one() &&
        workers_.submit_waiting(job, limits::kRefusedWaitingMax)) {
      return;
    }
    WorkerPool::Job refusal = [job] {
      duty = Duty::kRefuse;
      job();
    };
    if (refusers_.submit(refusal) ||
        refusers_.submit_waiting(refusal, limits::kRefusedWaitingMax)) {
      return;
    }
    duty = Duty::kDrop;
    job();
  }

  void shutdown() override {}

 private:
  Service& service_;
  WorkerPool& workers_;
  WorkerPool& refusers_;
};

}  // namespace

struct Front::Parts {
  Parts(Service& service, size_t threads_max)
      : shared(service), workers(threads_max), refusers(2), server(service) {}

  Service& shared;
  WorkerPool workers;
  WorkerPool refusers;
  HttpServer server;
  int listener = -1;
  int port = 0;
  std::atomic<bool> stopping{false};
  std::atomic<bool> stopped{false};
  std::thread accepting;

  void accept_until_stopped() {
    while (!stopping) {
      server.listen_after_bind();
      if (stopping) break;
      // accept() can fail for reasons that pass (a connection aborted in the queue, no memory); the
      // library takes them for the end and closes its socket.
      log_line("accepting failed; going on");
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      const int again = fcntl(listener, F_DUPFD_CLOEXEC, 0);
      if (again >= 0) server.adopt_listener(again);
    }
    stopped = true;
  }
};

Front::Front(Service& service, size_t threads_max)
    : parts_(std::make_unique<Parts>(service, threads_max)) {
  parts_->server.new_task_queue = [this] {
    return new PoolQueue(parts_->shared, parts_->workers, parts_->refusers);
  };
}

Front::~Front() {
  stop(std::chrono::steady_clock::time_point::max());
  if (parts_->listener >= 0) close(parts_->listener);
}

bool Front::bind(const ListenAddress& address, std::string& reason) {
  errno = 0;
  if (address.port == 0) {
    parts_->port = parts_->server.bind_to_any_port(address.host);
  } else if (parts_->server.bind_to_port(address.host, address.port)) {
    parts_->port = address.port;
  } else {
    parts_->port = -1;
  }
  if (parts_->port <= 0 || !parts_->server.deepen_backlog()) {
    reason = errno == 0 ? "the address cannot be used" : std::strerror(errno);
    return false;
  }
  parts_->listener = parts_->server.duplicate_listener();
  return true;
}

int Front::port() const {
  return parts_->port;
}

void Front::start() {
  parts_->accepting = std::thread([this] { parts_->accept_until_stopped(); });
  while (!parts_->server.is_running())
    std::this_thread::yield();
}

void Front::set_threads_max(size_t threads_max) {
  parts_->workers.set_threads_max(threads_max);
}

bool Front::stop(std::chrono::steady_clock::time_point deadline) {
  parts_->stopping = true;
  if (parts_->accepting.joinable()) {
    // The library can be stopped only while it accepts.
    while (!parts_->stopped) {
      parts_->server.stop();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    parts_->accepting.join();
  }
  parts_->shared.connections->dismiss_idle();
  return parts_->workers.close(deadline) && parts_->refusers.close(deadline);
}

}  // namespace tollgate::server
