"""The queueing chain of chain.yaml in SimPy: prints services completed a second of processor time and of real time."""
import random
import sys
import time

import simpy

DELIVERIES = int(sys.argv[1])
QUEUES = 5
RATE = 0.1
MEAN = 8.0
done = 0


def job(env, servers):
    global done
    for server in servers:
        with server.request() as turn:
            yield turn
            yield env.timeout(random.expovariate(1 / MEAN))
        done += 1


def arrivals(env, servers, count):
    for _ in range(count):
        yield env.timeout(random.expovariate(RATE))
        env.process(job(env, servers))


random.seed(1)
env = simpy.Environment()
servers = [simpy.Resource(env, capacity=1) for _ in range(QUEUES)]
env.process(arrivals(env, servers, DELIVERIES // QUEUES))
start = time.perf_counter(), time.process_time()
env.run()
print(done / (time.perf_counter() - start[0]), done / (time.process_time() - start[1]))
