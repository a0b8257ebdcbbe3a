// SPDX-License-Identifier: GPL-2.0
/// A network block device of the kernel, connected to a socket of ours.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "base/fd.h"
#include "base/result.h"

namespace daxbreak {

/// One of /dev/nbdN, ours for as long as the object lives. Nothing is left of it by a process that
/// is killed: the thread in NBD_DO_IT is interrupted, and the driver then fails what is in flight,
/// forgets the socket and empties the device (drivers/block/nbd.c, nbd_start_device_ioctl()).
class NbdDevice {
 public:
  /// Takes a device that nobody uses. Needs root and the module nbd.
  [[nodiscard]] static Result<std::unique_ptr<NbdDevice>> connect(Fd socket, std::uint64_t bytes);
  NbdDevice(const NbdDevice&) = delete;
  NbdDevice& operator=(const NbdDevice&) = delete;
  /// Disconnects. The server must answer what is in flight.
  ~NbdDevice();

  /// "/dev/nbd0"
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  NbdDevice(std::string path, Fd node, Fd socket);
  Result<void> claim(std::uint64_t bytes);
  Result<void> run();

  std::string path_;
  Fd node_;
  Fd socket_;
  bool claimed_ = false;
  std::jthread driver_;  ///< in NBD_DO_IT
};

}  // namespace daxbreak
