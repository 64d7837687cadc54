import Simulation

print(SeededGenerator(seed: 1))
