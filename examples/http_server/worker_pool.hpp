#pragma once

// Threads made on demand, ended when idle. cpp-httplib's own pool has a fixed number of threads and
// queues without a bound: with all of them held by streams, the next client waits for ever.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

namespace tollgate::server {

class WorkerPool {
 public:
  using Job = std::function<void()>;

  explicit WorkerPool(size_t threads_max) : threads_max_(threads_max) {}
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();

  /// Gives the job to an idle thread (the one that became idle last, so that the others may end) or
  /// to a new one. False when all threads are busy or the system gives no more.
  bool submit(Job& job);

  /// Leaves the job for the next thread that becomes free. False when `waiting_max` wait already.
  bool submit_waiting(Job& job, size_t waiting_max);

  /// Takes no more jobs and waits for the threads to end. False when some are still at work at the
  /// deadline; the pool then must outlive them.
  bool close(std::chrono::steady_clock::time_point deadline);

  void set_threads_max(size_t threads_max);

 private:
  struct Worker {
    std::condition_variable wake;
    Job job;
  };

  static void* thread_main(void* start);
  bool start_thread(Job& job);
  void work(Job job);
  bool next_job(Worker& self, std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable ended_;
  std::vector<Worker*> idle_;
  std::deque<Job> waiting_;
  size_t threads_ = 0;
  size_t threads_max_;
  bool closing_ = false;
};

}  // namespace tollgate::server
