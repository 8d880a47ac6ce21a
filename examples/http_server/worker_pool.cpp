#include "worker_pool.hpp"

#include <algorithm>
#include <memory>
#include <pthread.h>

#include "limits.hpp"

namespace tollgate::server {

namespace {

struct Start {
  WorkerPool* pool;
  WorkerPool::Job job;
};

}  // namespace

WorkerPool::~WorkerPool() {
  close(std::chrono::steady_clock::time_point::max());
}

bool WorkerPool::submit(Job& job) {
  const std::lock_guard lock(mutex_);
  if (closing_) return false;
  if (!idle_.empty()) {
    Worker* worker = idle_.back();
    idle_.pop_back();
    worker->job = std::move(job);
    worker->wake.notify_one();
    return true;
  }
  return threads_ < threads_max_ && start_thread(job);
}

bool WorkerPool::submit_waiting(Job& job, size_t waiting_max) {
  const std::lock_guard lock(mutex_);
  if (closing_ || waiting_.size() >= waiting_max) return false;
  if (idle_.empty()) {
    waiting_.push_back(std::move(job));
    return true;
  }
  Worker* worker = idle_.back();
  idle_.pop_back();
  worker->job = std::move(job);
  worker->wake.notify_one();
  return true;
}

bool WorkerPool::close(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  closing_ = true;
  for (Worker* worker : idle_)
    worker->wake.notify_one();
  const auto all_ended = [this] { return threads_ == 0; };
  if (deadline == std::chrono::steady_clock::time_point::max()) {
    ended_.wait(lock, all_ended);
    return true;
  }
  return ended_.wait_until(lock, deadline, all_ended);
}

void WorkerPool::set_threads_max(size_t threads_max) {
  const std::lock_guard lock(mutex_);
  threads_max_ = threads_max;
}

bool WorkerPool::start_thread(Job& job) {
  auto start = std::make_unique<Start>(Start{this, std::move(job)});
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, limits::kThreadStackBytes);
  pthread_t thread{};
  const int failed = pthread_create(&thread, &attributes, thread_main, start.get());
  pthread_attr_destroy(&attributes);
  if (failed != 0) {
    job = std::move(start->job);
    return false;
  }
  static_cast<void>(start.release());
  ++threads_;
  return true;
}

void* WorkerPool::thread_main(void* start) {
  const std::unique_ptr<Start> given(static_cast<Start*>(start));
  given->pool->work(std::move(given->job));
  return nullptr;
}

void WorkerPool::work(Job job) {
  Worker self;
  self.job = std::move(job);
  while (true) {
    self.job();
    self.job = nullptr;
    std::unique_lock lock(mutex_);
    if (!next_job(self, lock)) {
      // The last use of the pool: whoever waits in close() may free it when the lock is given up.
      --threads_;
      ended_.notify_all();
      return;
    }
  }
}

bool WorkerPool::next_job(Worker& self, std::unique_lock<std::mutex>& lock) {
  if (!waiting_.empty()) {
    self.job = std::move(waiting_.front());
    waiting_.pop_front();
    return true;
  }
  if (closing_) return false;
  idle_.push_back(&self);
  self.wake.wait_for(lock, limits::kThreadIdleTime,
                     [&] { return self.job != nullptr || closing_; });
  if (self.job != nullptr) return true;
  idle_.erase(std::find(idle_.begin(), idle_.end(), &self));
  return false;
}

}  // namespace tollgate::server
