#include "drivers/curl/timer_heap.hpp"

namespace tollgate::curl_driver {

void TimerHeap::set(Timer& timer, uint64_t at_ns) {
  if (timer.place == Timer::kNowhere) {
    heap_.push_back(&timer);
    timer.place = heap_.size() - 1;
  }
  timer.at_ns = at_ns;
  rise(timer);
  sink(timer);
}

void TimerHeap::remove(Timer& timer) noexcept {
  const size_t place = timer.place;
  if (place == Timer::kNowhere) return;
  timer.place = Timer::kNowhere;
  timer.at_ns = TG_NO_DEADLINE;
  Timer& last = *heap_.back();
  heap_.pop_back();
  if (&last == &timer) return;
  put(last, place);
  rise(last);
  sink(last);
}

void TimerHeap::put(Timer& timer, size_t place) {
  heap_[place] = &timer;
  timer.place = place;
}

void TimerHeap::rise(Timer& timer) {
  size_t place = timer.place;
  while (place > 0) {
    const size_t parent = (place - 1) / 2;
    if (heap_[parent]->at_ns <= timer.at_ns) break;
    put(*heap_[parent], place);
    place = parent;
  }
  put(timer, place);
}

void TimerHeap::sink(Timer& timer) {
  size_t place = timer.place;
  while (true) {
    size_t child = 2 * place + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->at_ns < heap_[child]->at_ns) ++child;
    if (heap_[child]->at_ns >= timer.at_ns) break;
    put(*heap_[child], place);
    place = child;
  }
  put(timer, place);
}

}  // namespace tollgate::curl_driver
