// SPDX-License-Identifier: Apache-2.0
// The one JSON line of a run. Percentiles are exact: all samples are kept and sorted.
#pragma once

#include "shared.hpp"

#include <cmath>
#include <vector>

namespace bench
{
class JsonLine
{
  public:
    JsonLine(const char* peer, const Options& o)
    {
        _text = std::string("{\"peer\":\"") + peer + "\",\"case\":\"" + nameOf(o.what) + "\",\"size\":" + std::to_string(o.size);
        if (o.what != Case::Memcpy)
            _text += ",\"fan\":" + std::to_string(o.fan) + ",\"wait\":\"" + nameOf(o.wait) + "\",\"fill\":\"" + nameOf(o.fill) + '"';
        _text += ",\"messages\":" + std::to_string(o.messages);
    }

    JsonLine& add(const char* name, double value)
    {
        char text[96];
        std::snprintf(text, sizeof text, ",\"%s\":%.6g", name, value);
        _text += text;
        return *this;
    }

    void print() const
    {
        std::printf("%s}\n", _text.c_str());
        std::fflush(stdout);
    }

  private:
    std::string _text;
};

inline double percentileUs(const std::vector<std::uint64_t>& sorted, double p)
{
    const auto rank = static_cast<std::size_t>(std::ceil(p * static_cast<double>(sorted.size())));
    return static_cast<double>(sorted[std::max<std::size_t>(rank, 1) - 1]) / 1e3;
}

inline void report(const char* peer, const Options& o, Shared& shared)
{
    JsonLine line(peer, o);
    const auto latency = [&](std::uint64_t i) // ping-pong: half a round trip; otherwise one way, to the last one served
    {
        auto last = shared.sent()[i];
        if (o.what == Case::PingPong)
            return last;
        for (int k = 0; k < o.fan; k++)
            last = std::max(last, shared.received(k)[i]);
        return last - shared.sent()[i];
    };
    if (o.what != Case::Throughput)
    {
        std::vector<std::uint64_t> samples;
        for (auto i = o.warmup; i < o.total(); i++)
            samples.push_back(latency(i));
        std::sort(samples.begin(), samples.end());
        line.add("p50_us", percentileUs(samples, 0.5)).add("p90_us", percentileUs(samples, 0.9)).add("p99_us", percentileUs(samples, 0.99));
        line.add("p999_us", percentileUs(samples, 0.999)).add("max_us", percentileUs(samples, 1));
    }
    auto end = shared.publisher().endNs;
    auto cpuNs = shared.publisher().cpuEndNs - shared.publisher().cpuStartNs;
    for (int k = 0; k < o.fan; k++)
    {
        end = std::max(end, shared.subscriber(k).endNs);
        cpuNs += shared.subscriber(k).cpuEndNs - shared.subscriber(k).cpuStartNs;
    }
    const auto count = static_cast<double>(o.messages); // of a ping-pong: exchanges
    if (o.what != Case::Paced) // a paced run's rate is the one that was asked for
        line.add("msgs_per_s", count * 1e9 / static_cast<double>(end - shared.publisher().startNs));
    if (o.what == Case::Throughput)
        line.add("gb_per_s", count * static_cast<double>(o.size) / static_cast<double>(end - shared.publisher().startNs));
    line.add("cpu_us_per_msg", static_cast<double>(cpuNs) / 1e3 / count);
    if (o.what != Case::Throughput)
        line.add("first_us", static_cast<double>(latency(0)) / 1e3);
    line.print();
}
} // namespace bench
