// SPDX-License-Identifier: GPL-2.0
#include "workloads/pin/traffic.h"

#include <cerrno>

#include "base/clock.h"

namespace daxbreak {

Result<void> TrafficPin::hold(const PinTarget& target) {
  constexpr std::size_t enough = 16;
  if (auto prepared = prepare(target.memory); !prepared) return prepared;
  if (const int error = round(); error != 0) return Error{"make a short pin", error};
  for (std::jthread& worker : workers_)
    worker = std::jthread([this] {
      for (; !stop_; ++rounds_)
        static_cast<void>(round());
    });
  const Deadline deadline(std::chrono::seconds(2));
  while (rounds_ < enough) {
    if (deadline.passed()) return Error{"make some short pins", ETIMEDOUT};
    sleep_for(std::chrono::microseconds(100));
  }
  return ok();
}

Result<void> TrafficPin::release() {
  stop();
  return ok();
}

void TrafficPin::stop() {
  stop_ = true;
  for (std::jthread& worker : workers_)
    if (worker.joinable()) worker.join();
}

}  // namespace daxbreak
