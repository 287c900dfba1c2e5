"""Mail that is missing after a node was lost: noticed by what it measures, told to the provider and to
each\ncustomer."""
