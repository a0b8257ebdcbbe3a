// SPDX-License-Identifier: GPL-2.0
#include "gate/dm_device.h"

#include <fmt/format.h>
#include <libdevmapper.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "gate/name.h"

namespace daxbreak {
namespace {

struct TaskDelete {
  void operator()(dm_task* task) const { dm_task_destroy(task); }
};
using Task = std::unique_ptr<dm_task, TaskDelete>;

// The library prints on stderr unless told otherwise.
void keep_quiet(int /*level*/, const char* /*file*/, int /*line*/, int /*number*/,
                const char* /*format*/, ...) {}

Task make_task(int type, const std::string& name) {
  dm_log_with_errno_init(keep_quiet);
  // A guest has no udev that would answer, and a gate has no time to wait for one.
  dm_udev_set_sync_support(0);
  Task task(dm_task_create(type));
  if (task && !name.empty() && dm_task_set_name(task.get(), name.c_str()) == 0) task.reset();
  return task;
}

// No rule may open the device to look at it: it may be suspended, and blkid would hang in it.
bool leave_alone(dm_task* task) {
  std::uint32_t cookie = 0;
  return dm_task_set_cookie(task, &cookie,
                            DM_UDEV_DISABLE_SUBSYSTEM_RULES_FLAG | DM_UDEV_DISABLE_DISK_RULES_FLAG |
                                DM_UDEV_DISABLE_OTHER_RULES_FLAG) != 0;
}

// Why the library would not even prepare a task: it asks the driver for its version first.
Error unprepared(const std::string& doing) {
  if (::access("/dev/mapper/control", R_OK | W_OK) != 0)
    return errno_error(doing + ": open /dev/mapper/control (modprobe dm_mod, as root)");
  return Error{doing + ": libdevmapper cannot talk to its driver (modprobe dm_mod, as root)"};
}

Result<void> run(dm_task* task, const std::string& doing) {
  if (dm_task_run(task) != 0) return ok();
  const int number = dm_task_get_errno(task);
  return number == 0 ? unprepared(doing) : Error{doing, number};
}

Result<void> simple(int type, const std::string& name, const std::string& doing) {
  const Task task = make_task(type, name);
  if (!task || !leave_alone(task.get())) return unprepared(doing);
  return run(task.get(), doing);
}

Result<void> remove_once(const std::string& name, bool deferred) {
  const std::string doing = "remove the dm device " + name;
  const Task task = make_task(DM_DEVICE_REMOVE, name);
  if (!task || !leave_alone(task.get())) return unprepared(doing);
  if (deferred) (void)dm_task_deferred_remove(task.get());
  auto done = run(task.get(), doing);
  return !done && done.error().number == ENXIO ? ok() : done;  // it is gone already
}

}  // namespace

Result<std::string> create_linear(const std::string& name, const std::string& disk,
                                  std::uint64_t sectors) {
  const std::string doing = "make the dm device " + name + " over " + disk;
  // DM_DEVICE_CREATE with a table creates, loads and resumes.
  const Task task = make_task(DM_DEVICE_CREATE, name);
  if (!task || !leave_alone(task.get()) ||
      dm_task_add_target(task.get(), 0, sectors, "linear", (disk + " 0").c_str()) == 0)
    return unprepared(doing);
  if (auto done = run(task.get(), doing); !done) return done.error();
  dm_info info{};
  if (dm_task_get_info(task.get(), &info) == 0 || info.exists == 0) {
    (void)remove_dm(name);
    return Error{doing + ": it has no number"};
  }
  // devtmpfs's own name, which is there with the device; /dev/mapper/NAME is udev's or the
  // library's work.
  return fmt::format("/dev/dm-{}", info.minor);
}

Result<void> suspend_dm(const std::string& name) {
  const std::string doing = "suspend the dm device " + name;
  const Task task = make_task(DM_DEVICE_SUSPEND, name);
  if (!task || dm_task_no_flush(task.get()) == 0 || dm_task_skip_lockfs(task.get()) == 0)
    return unprepared(doing);
  return run(task.get(), doing);
}

Result<void> resume_dm(const std::string& name) {
  return simple(DM_DEVICE_RESUME, name, "resume the dm device " + name);
}

Result<void> reload_dm(const std::string& name, const std::string& disk, std::uint64_t sectors) {
  const std::string doing = "reload the dm device " + name;
  const Task task = make_task(DM_DEVICE_RELOAD, name);
  const bool linear = !disk.empty();
  if (!task || dm_task_add_target(task.get(), 0, sectors, linear ? "linear" : "error",
                                  linear ? (disk + " 0").c_str() : "") == 0)
    return unprepared(doing);
  return run(task.get(), doing);
}

Result<void> remove_dm(const std::string& name) {
  // The last close may be on its way: a killed process's files, or a udev that looked anyway.
  const Deadline deadline(std::chrono::seconds(1));
  for (;;) {
    auto done = remove_once(name, false);
    if (done || done.error().number != EBUSY) return done;
    if (deadline.passed()) return remove_once(name, true);
    sleep_for(std::chrono::milliseconds(5));
  }
}

std::vector<std::string> list_dm_gates() {
  std::vector<std::string> found;
  const Task task = make_task(DM_DEVICE_LIST, "");
  if (!task || dm_task_run(task.get()) == 0) return found;
  const dm_names* names = dm_task_get_names(task.get());
  if (names == nullptr || names->dev == 0) return found;  // an empty list is one entry of zeroes
  for (;;) {
    if (gate_creator(names->name)) found.emplace_back(names->name);
    if (names->next == 0) return found;
    names = reinterpret_cast<const dm_names*>(reinterpret_cast<const char*>(names) + names->next);
  }
}

}  // namespace daxbreak
