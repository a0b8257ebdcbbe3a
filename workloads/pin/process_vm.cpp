// SPDX-License-Identifier: GPL-2.0
// process_vm_readv(2) and process_vm_writev(2) on our own process. The remote side is the pinned
// page; mm/process_vm_access.c, process_vm_rw_single_vec() holds it by pin_user_pages_remote()
// (FOLL_PIN in all kernels here), lets go of the mmap lock, and copies. The local side is memory
// behind a userfaultfd, so that the copy sleeps in a fault for as long as a trial wants. It ends
// with unpin_user_pages_dirty_lock() in the calling thread.
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <optional>
#include <thread>

#include "workloads/pin/device_io.h"
#include "workloads/pin/missing_memory.h"
#include "workloads/pin/pin.h"

namespace daxbreak {
namespace {

enum class Direction { read, write };

class ProcessVmPin final : public Pin {
 public:
  explicit ProcessVmPin(Direction direction) : direction_(direction) {}
  // The memory first: the thread sleeps until it is gone.
  ~ProcessVmPin() override {
    if (local_) static_cast<void>(local_->vanish());
  }

  Result<void> hold(const PinTarget& target) override {
    auto local = MissingMemory::make(target.memory.size());
    if (!local) return local.error();
    local_.emplace(std::move(*local));
    const iovec near{local_->memory().data(), local_->memory().size()};
    const iovec far{target.memory.data(), target.memory.size()};
    worker_ = std::jthread([this, near, far] {
      const auto call = direction_ == Direction::read ? ::process_vm_readv : ::process_vm_writev;
      const ssize_t moved = call(::getpid(), &near, 1, &far, 1, 0);
      result_ = moved < 0 ? -errno : moved;
      ended_ = true;
    });
    return ok();
  }

  /// The copy waits for its local side: the remote one is held. A call that has failed will never
  /// hold anything; release() says why.
  [[nodiscard]] bool in_flight() const override { return ended_ || (local_ && local_->awaited()); }

  Result<void> release() override {
    // What is written goes to the page as it was found, also if its block is another file's by
    // now. There is no gate that could take that back, so nothing is written: the local side goes,
    // the copy ends with EFAULT before its first byte, and the page is let go all the same.
    const bool reads = direction_ == Direction::read;
    if (auto let = reads ? local_->fill() : local_->vanish(); !let) return let;
    worker_.join();
    if (!reads && result_ == -EFAULT) return ok();
    return io_result(reads ? "process_vm_readv" : "process_vm_writev without a local side", result_,
                     reads ? local_->memory().size() : 0);
  }

  Result<std::vector<std::byte>> received() override {
    if (direction_ == Direction::write) return std::vector<std::byte>{};
    return std::vector<std::byte>(local_->memory().begin(), local_->memory().end());
  }

 private:
  Direction direction_;
  std::optional<MissingMemory> local_;
  std::atomic<bool> ended_{false};
  std::int64_t result_ = 0;  // written by the worker, read after join()
  std::jthread worker_;
};

constexpr std::string_view recipe_includes = R"(#include <linux/userfaultfd.h>
#include <poll.h>
)";

constexpr std::string_view recipe_hold = R"(	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register wish = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct pollfd fault = { .events = POLLIN };

	pin_local = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(pin_local != MAP_FAILED, "mmap");
	pin_uffd = syscall(SYS_userfaultfd, O_NONBLOCK);
	check(pin_uffd >= 0 && !ioctl(pin_uffd, UFFDIO_API, &api), "userfaultfd");
	wish.range.start = (uintptr_t)pin_local;
	wish.range.len = PAGE;
	check(!ioctl(pin_uffd, UFFDIO_REGISTER, &wish), "UFFDIO_REGISTER");
	check(!pthread_create(&pin_thread, NULL, pin_copy, NULL), "pthread_create");
	fault.fd = pin_uffd;
	check(poll(&fault, 1, 5000) == 1, "wait for the copy to fault");
)";

constexpr PinRecipe read_recipe{
    .includes = recipe_includes,
    .functions = R"(static char *pin_local;
static int pin_uffd;
static pthread_t pin_thread;

static void *pin_copy(void *unused)
{
	struct iovec local = { pin_local, PAGE }, remote = { page, PAGE };

	(void)unused;
	check(process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == PAGE, "process_vm_readv");
	return NULL;
}
)",
    .hold = recipe_hold,
    .release = R"(	struct uffdio_zeropage zero = { .range = { (uintptr_t)pin_local, PAGE } };

	check(!ioctl(pin_uffd, UFFDIO_ZEROPAGE, &zero), "UFFDIO_ZEROPAGE");
	pthread_join(pin_thread, NULL);
	received = pin_local;
)",
    .gives = true};

constexpr PinRecipe write_recipe{
    .includes = recipe_includes,
    .functions = R"(static char *pin_local;
static int pin_uffd;
static pthread_t pin_thread;

static void *pin_copy(void *unused)
{
	struct iovec local = { pin_local, PAGE }, remote = { page, PAGE };

	(void)unused;
	check(process_vm_writev(getpid(), &local, 1, &remote, 1, 0) == PAGE, "process_vm_writev");
	return NULL;
}
)",
    .hold = recipe_hold,
    .release = R"(	struct uffdio_zeropage zero = { .range = { (uintptr_t)pin_local, PAGE } };

	/* zeroes go to the page */
	check(!ioctl(pin_uffd, UFFDIO_ZEROPAGE, &zero), "UFFDIO_ZEROPAGE");
	pthread_join(pin_thread, NULL);
)",
    .fills = true};

const PinRegistry::Add registered_read{{
    .name = "process-vm-readv",
    .help = "process_vm_readv(2) of the page (FOLL_PIN) whose copy faults on a userfaultfd; ends "
            "when that is filled; last put by the calling thread",
    .flavour = Flavour::pin,
    .flow = PinFlow::from_page,
    .make = [] { return std::make_unique<ProcessVmPin>(Direction::read); },
    .recipe = read_recipe,
}};

const PinRegistry::Add registered_write{{
    .name = "process-vm-writev",
    .help = "process_vm_writev(2) to the page (FOLL_PIN) whose copy faults on a userfaultfd; ends "
            "with EFAULT, nothing written; last put by the calling thread",
    .flavour = Flavour::pin,
    .writes_page = true,
    .flow = PinFlow::none,
    .make = [] { return std::make_unique<ProcessVmPin>(Direction::write); },
    .recipe = write_recipe,
}};

}  // namespace
}  // namespace daxbreak
