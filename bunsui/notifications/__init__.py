"""Types of channels: how a notification becomes a post, a mail or a message of a topic; who is told of what, and when.

In: entries of `channels` in the project file, and notifications. Out: what is to be sent, with references where secrets stand.
Called by `document`, which checks the entries, by `compile`, which permits what they need, and by `sending`, which sends.

Rule: pure; no value of a secret ever comes in here.
"""
