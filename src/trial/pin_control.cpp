// SPDX-License-Identifier: GPL-2.0
#include "trial/pin_control.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "pmem/mapping.h"

namespace daxbreak {

bool pins_anonymous_memory(const PinKind& kind, Gate* gate, std::size_t bytes) {
  const std::unique_ptr<void, decltype(&std::free)> memory(std::aligned_alloc(small_page, bytes),
                                                           &std::free);
  if (!memory) return false;
  std::memset(memory.get(), 1, bytes);
  const std::unique_ptr<Pin> pin = kind.make();
  auto held = pin->hold({.memory = {static_cast<std::byte*>(memory.get()), bytes}, .gate = gate});
  return held && pin->release();
}

bool says_no_reference(int number) {
  return number == ENOMEM || number == EFAULT || number == EIO;
}

}  // namespace daxbreak
