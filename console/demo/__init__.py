"""The demo tenant: what Kestrel Logistics looked like on the morning of 20 July 2020.

Nobody in it exists. Everything is drawn from one random generator with a fixed start, so that two seeds agree.
"""
