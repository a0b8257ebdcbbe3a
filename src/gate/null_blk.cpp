// SPDX-License-Identifier: GPL-2.0
#include "gate/null_blk.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <sstream>
#include <utility>

#include "base/file.h"
#include "gate/name.h"

namespace daxbreak {
namespace {

namespace fs = std::filesystem;

const fs::path configfs = "/sys/kernel/config/nullb";

Result<void> check_module() {
  std::error_code failure;
  if (fs::is_directory(configfs, failure)) return ok();
  if (!fs::is_directory("/sys/kernel/config", failure) ||
      !fs::exists("/sys/module/null_blk", failure))
    return Error{"null_blk is not loaded: modprobe null_blk nr_devices=0"};
  return Error{"configfs is not mounted: mount -t configfs configfs /sys/kernel/config"};
}

// devtmpfs makes the node before `power` is written back (drivers/base/core.c, device_add()), but
// udev may still be giving it its owner; so the node is waited for, not long.
Result<void> wait_for(const std::string& path) {
  const Deadline deadline(std::chrono::seconds(2));
  while (::access(path.c_str(), R_OK | W_OK) != 0) {
    if (deadline.passed()) return errno_error("wait for " + path + " (is devtmpfs on /dev?)");
    sleep_for(std::chrono::milliseconds(1));
  }
  return ok();
}

}  // namespace

NullBlk::NullBlk(std::string name, std::string path)
    : name_(std::move(name)), path_(std::move(path)) {}

NullBlk::NullBlk(NullBlk&& other) noexcept
    : name_(std::exchange(other.name_, {})), path_(std::exchange(other.path_, {})) {}

NullBlk& NullBlk::operator=(NullBlk&& other) noexcept {
  std::swap(name_, other.name_);
  std::swap(path_, other.path_);
  return *this;
}

NullBlk::~NullBlk() {
  if (!name_.empty()) (void)remove_null_blk(name_);
}

Result<NullBlk> NullBlk::make(Nanos completion) {
  if (auto loaded = check_module(); !loaded) return loaded.error();
  const std::string name = new_gate_name();
  const fs::path directory = configfs / name;
  if (::mkdir(directory.c_str(), 0755) != 0)
    return errno_error("make a null_blk device in " + configfs.string());
  NullBlk device(name, "");
  // irqmode 2 is the hrtimer, 0 completes within the submission; queue_mode 2 is blk-mq; one queue,
  // so that depth is what it says:
  // more requests than that would wait for the first ones and stay held a multiple of the time.
  const std::array<std::pair<const char*, std::string>, 9> attributes{
      {{"size", std::to_string(gate_megabytes)},
       {"blocksize", "512"},
       {"memory_backed", "1"},
       {"queue_mode", "2"},
       {"irqmode", completion > Nanos::zero() ? "2" : "0"},
       {"completion_nsec", std::to_string(completion.count())},
       {"submit_queues", "1"},
       {"hw_queue_depth", "256"},
       {"power", "1"}}};
  for (const auto& [attribute, value] : attributes)
    if (auto set = write_file(directory / attribute, value); !set) return set.error();
  auto index = read_line(directory / "index");
  if (!index) return index.error();
  // Since 6.0 a disk made in configfs has the name of its directory, before it was nullb<index>
  // (drivers/block/null_blk/main.c, null_add_dev(), disk_name).
  std::error_code missing;
  device.path_ = fs::exists("/sys/block/" + name, missing) ? "/dev/" + name : "/dev/nullb" + *index;
  if (auto there = wait_for(device.path_); !there) return there.error();
  return device;
}

Result<IoCounts> NullBlk::counts() const {
  const std::string path = "/sys/block/" + path_.substr(5) + "/stat";
  auto line = read_line(path);
  if (!line) return line.error();
  // Requests completed are the first (reads) and fifth (writes) word, in flight is the ninth.
  std::istringstream words(*line);
  std::array<std::uint64_t, 9> counts{};
  for (std::uint64_t& count : counts)
    if (!(words >> count)) return Error{"read nine numbers from " + path + ": " + *line};
  return IoCounts{.completed = counts[0] + counts[4], .in_flight = counts[8]};
}

std::vector<std::string> list_null_blk_gates() {
  std::vector<std::string> names;
  std::error_code missing;
  for (fs::directory_iterator at(configfs, missing), end; !missing && at != end;
       at.increment(missing))
    if (gate_creator(at->path().filename().string())) names.push_back(at->path().filename());
  return names;
}

Result<void> remove_null_blk(const std::string& name) {
  // rmdir powers the device down first (drivers/block/null_blk/main.c, nullb_group_drop_item()).
  if (::rmdir((configfs / name).c_str()) != 0 && errno != ENOENT)
    return errno_error("remove the null_blk device " + name);
  return ok();
}

}  // namespace daxbreak
