#pragma once

namespace tollgate {

/// A deleter for std::unique_ptr out of one of OpenSSL's functions that free a thing.
template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* thing) const {
    Free(thing);
  }
};

}  // namespace tollgate
