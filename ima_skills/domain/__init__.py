"""The domain: frozen values without behaviour that could fail, spend or speak.

One module per station of the road: task type and model entry, product leaf, request, parameters
and quote, task and media, event, problem.
"""
