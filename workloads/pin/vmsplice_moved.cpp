// SPDX-License-Identifier: GPL-2.0
// What vmsplice(2) put into a pipe, held by another pipe: tee(2) copies the buffers and takes a
// reference for each copy (fs/pipe.c, generic_pipe_buf_get()), which needs no page table; splice(2)
// moves them and takes none (fs/splice.c, splice_pipe_to_pipe()).
#include <fcntl.h>

#include <vector>

#include "workloads/pin/pin.h"
#include "workloads/pin/pipe.h"

namespace daxbreak {
namespace {

enum class Way { tee, splice };

class MovedPin final : public Pin {
 public:
  explicit MovedPin(Way way) : way_(way) {}

  Result<void> hold(const PinTarget& target) override {
    bytes_.resize(target.memory.size());
    auto first = Pipe::make(bytes_.size());
    if (!first) return first.error();
    auto second = Pipe::make(bytes_.size());
    if (!second) return second.error();
    first_ = *std::move(first);
    second_ = *std::move(second);
    if (auto held = first_.hold(target.memory); !held) return held;
    const ssize_t went = way_ == Way::tee
                             ? ::tee(first_.read_end.get(), second_.write_end.get(), bytes_.size(),
                                     SPLICE_F_NONBLOCK)
                             : ::splice(first_.read_end.get(), nullptr, second_.write_end.get(),
                                        nullptr, bytes_.size(), SPLICE_F_NONBLOCK);
    if (went < 0) return errno_error(way_ == Way::tee ? "tee the pipe" : "splice pipe to pipe");
    if (static_cast<std::size_t>(went) != bytes_.size())
      return Error{"fewer bytes went from pipe to pipe than there were", EIO};
    if (way_ == Way::splice) first_.close();
    return ok();
  }

  Result<void> loosen() override {
    if (!first_.read_end) return ok();
    auto drained = first_.drain(bytes_);
    first_.close();
    return drained;
  }

  Result<void> release() override {
    if (auto loosened = loosen(); !loosened) return loosened;
    auto drained = second_.drain(bytes_);
    second_.close();
    return drained;
  }

  Result<std::vector<std::byte>> received() override { return bytes_; }

 private:
  Way way_;
  Pipe first_;
  Pipe second_;
  std::vector<std::byte> bytes_;
};

constexpr std::string_view functions = R"(static int pin_first[2], pin_second[2];
static void pin_drain(int from) {
  char bytes[PAGE];
  check(read(from, bytes, PAGE) == PAGE, "drain a pipe");
}
)";

const PinRegistry::Add registered_tee{{
    .name = "vmsplice-tee",
    .help = "tee(2) of a vmspliced page (2 FOLL_GET); the original is drained "
            "beforehand, draining the copy ends it",
    .flavour = Flavour::get,
    .references = 2,
    .flow = PinFlow::from_page,
    .make = [] { return std::make_unique<MovedPin>(Way::tee); },
    .recipe =
        {
            .includes = "",
            .functions = functions,
            .hold = R"(struct iovec part = {page, PAGE};
check(pipe(pin_first) == 0 && pipe(pin_second) == 0, "make pipes");
check(vmsplice(pin_first[1], &part, 1, 0) == PAGE, "vmsplice the page");
check(tee(pin_first[0], pin_second[1], PAGE, 0) == PAGE, "tee the pipe");
)",
            .loosen = "pin_drain(pin_first[0]);\n",
            .release = "pin_drain(pin_second[0]);\n",
        },
}};

const PinRegistry::Add registered_splice{{
    .name = "vmsplice-splice",
    .help = "a vmspliced page moved into a second pipe by splice(2) (FOLL_GET); ends when that "
            "one is drained",
    .flavour = Flavour::get,
    .flow = PinFlow::from_page,
    .make = [] { return std::make_unique<MovedPin>(Way::splice); },
    .recipe =
        {
            .includes = "",
            .functions = functions,
            .hold = R"(struct iovec part = {page, PAGE};
check(pipe(pin_first) == 0 && pipe(pin_second) == 0, "make pipes");
check(vmsplice(pin_first[1], &part, 1, 0) == PAGE, "vmsplice the page");
check(splice(pin_first[0], NULL, pin_second[1], NULL, PAGE, 0) == PAGE, "splice pipe to pipe");
close(pin_first[0]);
close(pin_first[1]);
)",
            .loosen = "",
            .release = "pin_drain(pin_second[0]);\n",
        },
}};

}  // namespace
}  // namespace daxbreak
