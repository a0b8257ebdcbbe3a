// SPDX-License-Identifier: GPL-2.0
#include "trial/pin_control.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "pmem/mapping.h"

namespace daxbreak {
namespace {

Result<void> open_gate(const UngrantedPin& ungranted) {
  return std::exchange(ungranted.gate_shut, false) ? ungranted.gate->open() : ok();
}

}  // namespace

bool pins_anonymous_memory(const PinKind& kind, Gate* gate) {
  const std::size_t bytes = kind.pages * small_page;
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

Result<void> after_refusal(const UngrantedPin& ungranted, const Error& refusal) {
  ungranted.pin.reset();
  if (auto opened = open_gate(ungranted); !opened) return opened;
  if (ungranted.may_be_had && says_no_reference(refusal.number))
    ungranted.record.stamp(EventKind::noted,
                           pins_anonymous_memory(ungranted.kind, ungranted.gate) ? 1 : 0,
                           noted::anonymous_pinned);
  return ok();
}

Result<void> refused_later(const UngrantedPin& ungranted, const Error& unseen) {
  if (unseen.number != ETIMEDOUT) return unseen;
  if (auto opened = open_gate(ungranted); !opened) return opened;
  auto ended = ungranted.pin->release();
  if (ended) return unseen;
  ungranted.record.stamp(EventKind::pin_refused, ended.error().number, ended.error().doing);
  return after_refusal(ungranted, ended.error());
}

}  // namespace daxbreak
